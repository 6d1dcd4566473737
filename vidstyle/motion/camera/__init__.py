"""The camera's own motion, and what moves by itself before it: flow that nothing speaks for is the camera's."""
