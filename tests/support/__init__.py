"""What tests share: real servers, waiting, and assertions in the words of caching."""
