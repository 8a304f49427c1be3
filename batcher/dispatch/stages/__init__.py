"""What differs from stage to stage: the POST, what its answer means, and how a doubt about it is settled."""
