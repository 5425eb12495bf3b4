import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { secureHeaders } from "hono/secure-headers";
import { badRequest } from "./problems.ts";

const OWN_HOSTS = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** Nothing may be loaded, framed or sent but from and to this server itself; no inline script or style runs. */
export function safeHeaders(): MiddlewareHandler {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
    referrerPolicy: "no-referrer",
    xFrameOptions: "DENY",
    // There is no HTTPS on this address.
    strictTransportSecurity: false,
  });
}

/**
 * Refuses requests that were made under another name, as a page elsewhere can whose name was made to point here, and
 * requests that change something and come from another page.
 */
export function ownHostOnly(): MiddlewareHandler {
  return async (context, next) => {
    const host = context.req.header("host") ?? "";
    if (!isOwn(`http://${host}`)) {
      throw badRequest("HOST_REFUSED", "The explorer does not answer under this name", { host }, "Use 127.0.0.1.");
    }
    const origin = context.req.header("origin");
    if (context.req.method === "POST" && origin !== undefined && !isOwn(origin)) {
      throw badRequest("ORIGIN_REFUSED", "The request comes from another page", { origin }, "Use the explorer's own.");
    }
    await next();
  };
}

/** Lets pages of this machine read answers: explorers that speak a standard protocol run on ports of their own. */
export function localPagesMayRead(): MiddlewareHandler {
  return cors({
    origin: (origin) => (isOwn(origin) ? origin : null),
    allowMethods: ["GET", "POST"],
    allowHeaders: ["content-type"],
    maxAge: 600,
  });
}

function isOwn(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, hostname, pathname, username } = new URL(origin);
  return protocol === "http:" && OWN_HOSTS.has(hostname) && pathname === "/" && username === "";
}
