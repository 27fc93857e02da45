"""Arrays as such: made of numbers, picked and stored at indices, with their elements and axes arranged."""
