-- expect: values ["not enough memory"]
-- A script may catch it; it is an error like any other, and the memory is free again.
local _, message = pcall(function()
  local text = "x"
  while true do
    text = text .. text
  end
end)
return message
