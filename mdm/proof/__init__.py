"""That what the hub says can be recomputed, and that its past was not altered."""
