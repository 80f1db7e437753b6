// What needs the script shows itself only once the script is here (.js-only).
document.documentElement.classList.add("js");
