"""How a training is doing, in numbers: its layers, what is measured of them, and the alarms these raise."""
