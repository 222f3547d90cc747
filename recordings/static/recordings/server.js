// Asking the server without leaving the page; an Error says in Spanish why there is no answer.

// What is answered to a form.
export async function send(address, form = new FormData()) {
  form.delete("csrfmiddlewaretoken"); // old after another login, which the cookie's never is
  const token = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie);
  const headers = { Accept: "application/json", "X-CSRFToken": token ? token[1] : "" };
  return (await reach(address, { method: "POST", body: form, headers })).json();
}

export async function reach(address, options) {
  let answer;
  try {
    answer = await fetch(address, options);
  } catch {
    throw new Error("No hay conexión con el servidor. Comprueba la red y vuelve a intentarlo.");
  }
  if (answer.redirected) {
    const words = "Tu sesión terminó: inicia sesión otra vez y repítelo aquí. Nada se perdió.";
    throw Object.assign(new Error(words), { needsLogin: true });
  }
  if (!answer.ok) {
    throw Object.assign(new Error(await reason(answer)), { status: answer.status });
  }
  return answer;
}

async function reason(answer) {
  const type = answer.headers.get("Content-Type") || "";
  if (type.startsWith("application/json")) {
    return (await answer.json()).detail;
  }
  if (type.startsWith("text/plain")) {
    return answer.text();
  }
  return answer.status === 403
    ? "La página caducó: recárgala y repítelo."
    : `El servidor no respondió bien (error ${answer.status}). Repítelo en unos segundos.`;
}
