-- expect: luaError '__index' chain too long; possible loop
local first, second = {}, {}
setmetatable(first, { __index = second })
setmetatable(second, { __index = first })
return first.x
