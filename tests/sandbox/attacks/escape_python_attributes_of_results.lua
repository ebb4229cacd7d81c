-- expect: values ["string", null]
local root = jido.project_root()
return type(root), root.__class__
