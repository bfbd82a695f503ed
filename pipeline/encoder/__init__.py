"""The network that makes embeddings: its layers, weights and exports, and where it runs."""
