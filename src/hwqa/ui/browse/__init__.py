"""The documents' own pages beside the chat: a tree with search, every section at its address, and what is known."""
