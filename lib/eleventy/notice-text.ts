/** The words of the notice on a private page. */
export interface NoticeText {
  readonly private: string
  readonly unlisted: string
  /** Before the names of the others, when the author shows them. */
  readonly and: string
  /** Before the date, when the link expires. */
  readonly until: string
}

export const NOTICE_TEXTS = {
  en: {
    private: 'This private post is shared with you',
    unlisted: 'This post is not listed anywhere: whoever has its address can read it',
    and: 'and with',
    until: 'The link works until',
  },
  de: {
    private: 'Dieser private Beitrag ist mit dir geteilt',
    unlisted: 'Dieser Beitrag steht in keiner Liste: wer seine Adresse hat, kann ihn lesen',
    and: 'und mit',
    until: 'Der Link gilt bis',
  },
  fr: {
    private: 'Ce billet privé est partagé avec vous',
    unlisted: 'Ce billet ne figure nulle part : qui connaît son adresse peut le lire',
    and: 'et avec',
    until: 'Le lien est valable jusqu’au',
  },
  es: {
    private: 'Esta entrada privada se comparte contigo',
    unlisted: 'Esta entrada no aparece en ninguna lista: quien tenga su dirección puede leerla',
    and: 'y con',
    until: 'El enlace funciona hasta el',
  },
} satisfies Record<string, NoticeText>

/** The words for a page's language: `de-AT` falls back to `de`, everything else to English. */
export function noticeText(
  texts: Readonly<Record<string, NoticeText>>,
  language: string | undefined,
): NoticeText {
  const tag = language?.toLowerCase() ?? 'en'
  return texts[tag] ?? texts[tag.split('-')[0] ?? 'en'] ?? texts['en'] ?? NOTICE_TEXTS.en
}
