"""Seeded hostile lessons, and the process that judges what becomes of them."""
