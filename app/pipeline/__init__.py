"""What runs behind the API: batches go to the chain, and what the chain says comes back."""
