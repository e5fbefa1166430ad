// What a shop's app does with the interface, under types made of its OpenAPI document.

import createClient from "openapi-fetch";
import type { components, operations, paths } from "./api.js";

type Recommendation = components["schemas"]["RecommendationAnswer"];
type Problem = components["schemas"]["ProblemDetails"];
type GenerateBundles = operations["generateBundles"];

export const api = createClient<paths>({ baseUrl: "https://bundles.example.com" });

// Open an upload, send the file where it says, and begin the run.
export async function send(orders: Blob): Promise<string> {
  const opened = await api.POST("/api/uploads", {
    body: { files: [{ csvType: "orders", size: orders.size, contentType: "text/csv" }] },
  });
  if (!opened.data) throw refused(opened.error);
  const address = opened.data.files[0]?.upload;
  if (!address) throw new Error("no address");
  await fetch(address.url, { method: address.method, headers: address.headers, body: orders });
  const body: GenerateBundles["requestBody"]["content"]["application/json"] = {
    csvUploadId: opened.data.uploadId,
  };
  const begun = await api.POST("/api/generate-bundles", { body });
  if (!begun.data) throw refused(begun.error);
  return begun.data.result.uploadId;
}

// Ask as often as the interface says, until nothing more will come.
export async function wait(uploadId: string): Promise<string> {
  for (;;) {
    const { data, error } = await api.GET("/api/generation-progress/{uploadId}", {
      params: { path: { uploadId } },
    });
    if (!data) throw refused(error);
    if (data.poll_after_ms === null) return data.status;
    await new Promise((resume) => setTimeout(resume, data.poll_after_ms ?? 0));
  }
}

// Prices are exact decimals as text, and evidence says null where nothing can be said.
export function described(one: Recommendation): string {
  const price: string = `${one.pricing.bundle_price} ${one.pricing.currency ?? ""}`;
  const pack: string | undefined = one.pricing.tiers?.[0]?.price;
  const together: number | null = one.evidence.orders_together;
  const month: string | null | undefined = one.evidence.incremental?.profit;
  const best = Object.entries(one.score_parts).sort(([, left], [, right]) => right - left)[0];
  const names = one.products.map((product) => `${product.quantity} × ${product.name}`);
  return [one.ai_copy.title, names.join(" + "), price, pack, together, month, best?.[0]].join(", ");
}

export async function approve(one: Recommendation): Promise<Recommendation> {
  const { data, error } = await api.PATCH("/api/bundle-recommendations/{id}/approve", {
    params: { path: { id: one.id } },
    body: { approved: true },
  });
  if (!data) throw refused(error);
  return data;
}

export function refused(problem: Problem): Error {
  return new Error(`${problem.code}: ${problem.message} (${problem.request_id})`);
}

// A misspelt field is an error of the compiler.
export function misspelt(one: Recommendation): unknown {
  // @ts-expect-error there is no such field of a price
  return one.pricing.bundel_price;
}
