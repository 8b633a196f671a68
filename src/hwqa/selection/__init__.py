"""Choosing products by what is asked of them: bounds, features, availability, scope, order."""
