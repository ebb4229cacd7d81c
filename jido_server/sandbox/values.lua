-- Lua values as bytes and back, for what passes between a script and the server.
-- The other side is values.py; both know the same tags:
--   N nil   T true   F false   I int64   D float64   S length, bytes
--   A count, values      M count, (S key, value) pairs
-- All of it runs inside the script's own heap and time, so an endless or huge value ends the script
-- and nothing else. Only captured functions are used: a script may replace its own globals.

local next, pcall, rawequal, rawget, tostring, type, error, select =
  next, pcall, rawequal, rawget, tostring, type, error, select
local concat, math_type, pack, unpack, sub = table.concat, math.type, string.pack, string.unpack, string.sub

local HUGE = math.huge

--- Raises `{reason = …}`, which `encode` turns into its second result.
local function refuse(reason)
  error({ reason = reason }, 0)
end

--- The text of a key that isn't a string.
local function key_text(key)
  local kind = type(key)
  if kind == "number" or kind == "boolean" then
    return tostring(key)
  end
  refuse("a table has a key that is a " .. kind)
end

--- How many entries a table has, and whether its keys are exactly 1 … count.
local function shape(value, most)
  local count, highest, sequence = 0, 0, true
  for key in next, value do
    count = count + 1
    if count > most then
      return count, false
    end
    if math_type(key) ~= "integer" or key < 1 then
      sequence = false
    elseif key > highest then
      highest = key
    end
  end
  return count, sequence and highest == count
end

--- Makes an encoder with these limits on the number of values, their depth and all their bytes.
-- Only the bytes of strings are counted; the rest is bounded by the number of values.
-- @return function(first, ...) -> bytes, or nil and the reason; encodes its arguments as one `A`
local function encoder(most_nodes, most_depth, most_bytes)
  local out, length, nodes, bytes, open

  local function put(piece)
    length = length + 1
    out[length] = piece
  end

  --- A string is measured before it is copied: twice it may be more than the heap holds.
  local function put_string(text)
    bytes = bytes + #text
    if bytes > most_bytes then
      refuse("it has more than " .. most_bytes .. " bytes")
    end
    put(pack("<c1I4", "S", #text))
    put(text)
  end

  local put_value

  local function put_map(value, count, depth)
    put(pack("<c1I4", "M", count))
    local seen
    for key, item in next, value do
      if type(key) ~= "string" then
        key = key_text(key)
        seen = seen or {}
        if seen[key] or rawget(value, key) ~= nil then
          refuse("two keys of a table are both " .. key .. " as text")
        end
        seen[key] = true
      end
      put_string(key)
      put_value(item, depth)
    end
  end

  local function put_table(value, depth)
    if open[value] then
      refuse("a table contains itself")
    end
    if depth > most_depth then
      refuse("tables are nested more than " .. most_depth .. " deep")
    end
    local count, sequence = shape(value, most_nodes - nodes)
    if count > most_nodes - nodes then
      refuse("it has more than " .. most_nodes .. " values")
    end
    open[value] = true
    if sequence then
      put(pack("<c1I4", "A", count))
      for index = 1, count do
        put_value(rawget(value, index), depth)
      end
    else
      put_map(value, count, depth)
    end
    open[value] = nil
  end

  local function put_number(value)
    if math_type(value) == "integer" then
      put(pack("<c1i8", "I", value))
    elseif value ~= value then
      refuse("a number is not a number (NaN)")
    elseif rawequal(value, HUGE) or rawequal(value, -HUGE) then
      refuse("a number is infinite")
    else
      put(pack("<c1d", "D", value))
    end
  end

  function put_value(value, depth)
    nodes = nodes + 1
    if nodes > most_nodes then
      refuse("it has more than " .. most_nodes .. " values")
    end
    local kind = type(value)
    if kind == "nil" then
      put("N")
    elseif kind == "boolean" then
      put(value and "T" or "F")
    elseif kind == "number" then
      put_number(value)
    elseif kind == "string" then
      put_string(value)
    elseif kind == "table" then
      put_table(value, depth + 1)
    else
      refuse("it contains a " .. kind)
    end
  end

  local function put_all(...)
    local count = select("#", ...)
    put(pack("<c1I4", "A", count))
    local values = { ... }
    for index = 1, count do
      put_value(values[index], 0)
    end
    return concat(out, "", 1, length)
  end

  return function(...)
    out, length, nodes, bytes, open = {}, 0, 0, 0, {}
    local done, result = pcall(put_all, ...)
    out, open = nil, nil
    if done then
      return result
    elseif type(result) == "table" then
      return nil, rawget(result, "reason")
    end
    error(result, 0)
  end
end

--- The value at `at` and the position behind it. What the server sends is trusted to be well formed.
local function decode(data, at)
  local tag = sub(data, at, at)
  at = at + 1
  if tag == "S" then
    return unpack("<s4", data, at)
  elseif tag == "I" then
    return unpack("<i8", data, at)
  elseif tag == "D" then
    return unpack("<d", data, at)
  elseif tag == "A" then
    local list, count = {}, nil
    count, at = unpack("<I4", data, at)
    for index = 1, count do
      list[index], at = decode(data, at)
    end
    return list, at
  elseif tag == "M" then
    local map, count, key = {}, nil, nil
    count, at = unpack("<I4", data, at)
    for _ = 1, count do
      key, at = decode(data, at)
      map[key], at = decode(data, at)
    end
    return map, at
  elseif tag == "T" then
    return true, at
  elseif tag == "F" then
    return false, at
  end
  return nil, at
end

return encoder, decode
