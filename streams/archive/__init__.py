"""Events as they lie in the archive: Parquet, per stream and range of log offsets."""
