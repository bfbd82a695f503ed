"""What is searched for, as a value that pages and addresses carry, and how sure its answer is."""
