-- expect: values [null, null, null]
-- The table has what is documented and nothing that leads to other operations.
return jido.shell, jido.call, getmetatable(jido)
