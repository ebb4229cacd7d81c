-- expect: values [null, null]
return (""):gsub("", "").dump, getmetatable("").__index.dump
