-- expect: luaResultUnsupported more than 50000 values
-- Thirty tables that would be a thousand million.
local doubled = {}
for _ = 1, 30 do
  doubled = { doubled, doubled }
end
return doubled
