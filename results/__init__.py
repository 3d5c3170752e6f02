"""What is kept: records, the store, histograms, judgement, reports and trends."""
