// The theme, before anything is painted: the system's, unless the user has chosen.
"use strict";
{
  const chosen = localStorage.getItem("cog-theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
}
