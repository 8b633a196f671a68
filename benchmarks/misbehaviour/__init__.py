"""Chat models that misbehave, and a check of what readers see that shares nothing with hwqa's own."""
