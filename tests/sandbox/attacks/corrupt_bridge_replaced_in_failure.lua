-- expect: luaError ^script:3: undone$
jido.read_file = function() return "forged" end
error("undone")
