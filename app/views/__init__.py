"""What each route answers: a module for each resource."""
