-- Runs once, before any script: makes the world that scripts see and the function that runs them.
--
-- Scripts get a table of globals of their own. The real one, in which lupa looks things up without
-- protection, is emptied and out of their reach. What is used here is captured in locals, for a
-- script may change every table it can reach, the string metatable among them.

-- ask(bytes) -> bytes is the server's answer to a call, nil when it doesn't fit into the heap;
-- write(bytes) gets what is printed. Both are Python's and never raise. The codec is values.lua.
local ask, write, encoder, decode, limits = ...
ask, write = python.as_function(ask), python.as_function(write)

local error, getmetatable, load, next, pcall, rawget, rawset, select, setmetatable, tostring, type, xpcall =
  error, getmetatable, load, next, pcall, rawget, rawset, select, setmetatable, tostring, type, xpcall
local concat, match, pack, sub = table.concat, string.match, string.pack, string.sub
local randomseed, traceback = math.randomseed, debug.traceback

local OUT_OF_MEMORY = "not enough memory"
local LONGEST_TEXT = 64 * 1024

local script_globals = {}

-- The globals of scripts: only what is named here, and what is wrapped below.

for _, name in next, {
  "_VERSION", "assert", "coroutine", "error", "getmetatable", "ipairs", "math", "next", "pairs", "pcall",
  "rawequal", "rawget", "rawlen", "rawset", "select", "string", "table", "tonumber", "tostring", "type",
  "utf8", "xpcall",
} do
  script_globals[name] = _G[name]
end
script_globals._G = script_globals
script_globals.os = { clock = os.clock, date = os.date, difftime = os.difftime, time = os.time }
string.dump = nil

--- As Lua's own, for text alone: bytecode can crash the interpreter.
function script_globals.load(chunk, name, _, ...)
  if select("#", ...) > 0 then
    return load(chunk, name, "t", (...))
  end
  return load(chunk, name, "t", script_globals)
end

--- As Lua's own, but `__gc` is never called: a finalizer would run inside some later script and so
-- let one script fail another.
function script_globals.setmetatable(object, metatable)
  local finalizer = type(metatable) == "table" and rawget(metatable, "__gc")
  if not finalizer then
    return setmetatable(object, metatable)
  end
  rawset(metatable, "__gc", nil)
  local done, result = pcall(setmetatable, object, metatable)
  rawset(metatable, "__gc", finalizer)
  if not done then
    error(result, 2)
  end
  return result
end

--- As Lua's own; the text goes to the server at once, so that a killed script's output isn't lost.
function script_globals.print(...)
  local line = { ... }
  local count = select("#", ...)
  for index = 1, count do
    line[index] = tostring(line[index])
  end
  write(concat(line, "\t", 1, count) .. "\n")
end

-- The project: every function returns its value, or nil and a message.

local encode_call = encoder(1000, 4, limits.bridge_bytes)

local function bridge(operation)
  return function(...)
    local call, reason = encode_call(operation, ...)
    if not call then
      return nil, "the arguments can't be passed on: " .. reason
    end
    local answer = ask(call)
    if not answer then
      return nil, OUT_OF_MEMORY
    end
    local result = decode(answer, 1)
    if result[1] == nil then
      return nil, result[2]
    end
    return result[1]
  end
end

script_globals.jido = {}
for _, operation in next, {
  "read_file", "write_file", "list_dir", "glob", "file_exists", "is_file", "is_dir", "file_stat",
  "mkdir_p", "delete_file", "project_root",
} do
  script_globals.jido[operation] = bridge(operation)
end

-- Running a script. What comes of it is a kind of frame (frames.py) and its payload.

local encode_result = encoder(limits.nodes, limits.depth, limits.result_bytes)

--- What to say of an error value; its `__tostring` is the script's own and may fail.
local function describe(value)
  local kind = type(value)
  if kind == "string" or kind == "number" then
    return tostring(value)
  end
  local metatable = getmetatable(value)
  if type(metatable) == "table" and rawget(metatable, "__tostring") then
    local done, text = pcall(tostring, value)
    if done then
      return text
    end
  end
  return "(error object is a " .. kind .. " value)"
end

--- The traceback without the frames of this file, which lie beneath the script's main chunk.
local function own_part(trace)
  return match(trace, "^(.*in main chunk)") or trace
end

local function failure(value, trace)
  if value == OUT_OF_MEMORY then
    return "M", ""
  end
  local message = sub(describe(value), 1, LONGEST_TEXT)
  return "E", pack("<s4", message) .. sub(own_part(trace), 1, LONGEST_TEXT)
end

local function run(script)
  local chunk, problem = load(script, "=script", "t", script_globals)
  if not chunk then
    return failure(problem, "")
  end
  local trace = ""
  local function on_error(value)
    trace = traceback(nil, 2)
    return value
  end
  local function finish(done, ...)
    if not done then
      return failure((...), trace)
    end
    local values, reason = encode_result(...)
    if values then
      return "D", values
    end
    return "U", reason
  end
  return finish(xpcall(chunk, on_error))
end

--- Never raises: what is still thrown here, in telling the result, is a lack of memory.
local function run_protected(script)
  local done, kind, payload = pcall(run, script)
  if done then
    return kind, payload
  end
  return failure(kind, "")
end

local lua_globals = _G
for name in next, lua_globals do
  lua_globals[name] = nil
end

return run_protected, randomseed
