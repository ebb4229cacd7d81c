-- expect: values [null, "not enough memory"]
return load(function()
  return "x = 1; "
end)
