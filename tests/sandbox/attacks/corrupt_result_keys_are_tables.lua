-- expect: luaResultUnsupported a key that is a table
return { [{}] = 1 }
