// What a shop's app does: it listens to one document, and is told each version or a refusal.
// `asked` holds several such apps by name, each with a token of its own. One starts when the one
// before has its answers, and ends when it is refused: a browser has six connections to a host.

export async function listen(sdk, asked, say) {
  for (const [who, one] of Object.entries(asked)) {
    const db = sdk.getFirestore(sdk.initializeApp({ projectId: one.project, apiKey: "none" }, who));
    const token = one.claims === null ? {} : { mockUserToken: one.claims };
    sdk.connectFirestoreEmulator(db, one.host, one.port, token);
    const document = sdk.doc(db, one.path);
    const told = (what) => say({ who, ...what });
    const listening = await listens(sdk, document, told);
    if (one.writes) {
      await writes(sdk, document, told);
    }
    if (!listening) {
      await sdk.terminate(db);
    }
  }
}

function listens(sdk, document, told) {
  return new Promise((resolve) => {
    sdk.onSnapshot(
      document,
      (snapshot) => {
        told({ seen: snapshot.data() ?? null, at: Date.now() });
        resolve(true);
      },
      (error) => {
        told({ denied: error.code });
        resolve(false);
      },
    );
  });
}

function writes(sdk, document, told) {
  return sdk.setDoc(document, { shop_id: "mine" }).then(
    () => told({ written: true }),
    (error) => told({ refused: error.code }),
  );
}
