"""Paper: notices, forms and registers set as PDF with Chinese fonts that come with the product."""
