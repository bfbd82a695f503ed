"""How good the similarity is: figures of merit with their spread, beside baselines."""
