"""Whether a post may quote another: asked, granted, refused, taken back."""
