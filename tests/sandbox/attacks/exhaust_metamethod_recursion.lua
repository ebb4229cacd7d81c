-- expect: luaError C stack overflow
local loop = setmetatable({}, {})
getmetatable(loop).__index = function(self, key)
  return self[key]
end
return loop.x
