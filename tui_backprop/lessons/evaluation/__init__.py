"""What a lesson's predictions are held against: targets, metrics, and samples that are not trained on."""
