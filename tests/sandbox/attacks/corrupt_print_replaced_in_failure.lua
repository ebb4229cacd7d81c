-- expect: luaError ^script:3: undone$
print = function() while true do end end
error("undone")
