"""Tables in and out: whatever schools send is read into rows, lists are written as workbooks."""
