"""The real stack under fire: web, worker and database are killed while offices pay students."""
