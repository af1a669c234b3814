"""Two small believable communes, to show and to try."""
