"""What can be said between communes and the fediverse: values on our side, documents on theirs."""
