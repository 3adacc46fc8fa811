"""Pages about students: roster, imports, classes, one student, special groups, lists."""
