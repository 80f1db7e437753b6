/* Fields left empty in a search or filter do not lengthen the address. */
document.addEventListener("formdata", ({target, formData}) => {
  if (target.method !== "get") return;
  const filled = [...formData].filter(([, value]) => value !== "");
  for (const name of new Set(formData.keys())) formData.delete(name);
  for (const [name, value] of filled) formData.append(name, value);
});
