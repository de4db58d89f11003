"""Chapter A1, basic relations: what ``notebooks/power/1-basic-relations.md`` alone needs."""
