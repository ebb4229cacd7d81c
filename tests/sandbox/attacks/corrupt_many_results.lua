-- expect: luaResultUnsupported more than 50000 values
return table.unpack({}, 1, 60000)
