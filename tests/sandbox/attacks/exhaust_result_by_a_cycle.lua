-- expect: luaResultUnsupported contains itself
local round = { {} }
round[1][1] = round
return round
