"""How well a training goes: numbers for each layer, alarms, and remedies that were tried."""
