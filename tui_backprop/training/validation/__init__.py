"""How good the parameters are on samples that are not trained on."""
